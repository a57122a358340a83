"""Floor 5. Peers, a program each, which know nothing of ours but how they are asked."""
