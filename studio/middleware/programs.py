"""Where programs call."""

# With a token: each judges its bodies itself (studio/api), and has no session.
FOR_PROGRAMS = ("/api/v1/", "/v1/", "/mcp")
# Below it a page for people, who are signed in.
DESCRIPTION = "/api/v1/docs/"
