"""Floor 5. What is measured, always beside the thing that it is compared with, in the same run."""
