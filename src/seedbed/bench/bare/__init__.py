"""Floor 5. Libraries without anything of ours around them, one program each: the controls."""
