"""Everything that touches pixels. Runs in the child process only; the parent never imports it."""
