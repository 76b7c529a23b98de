"""How people come in, what each may do, and what each is told."""
