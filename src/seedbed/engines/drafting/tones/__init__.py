"""Floor 3. Sounds made by rule: what is played, by which instruments, in which room; and noises."""
