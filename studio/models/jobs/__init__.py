"""How a job changes: by the engine, by people, and with what it counts."""
