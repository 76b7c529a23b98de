"""Where programs call."""

# With a token: each judges its bodies itself (studio/api), and has no session.
FOR_PROGRAMS = ("/api/v1/", "/v1/", "/mcp")
