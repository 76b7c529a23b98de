"""Everything at once, on one machine: web, both queues and, without a key, the simulator; one Ctrl-C stops them all."""
