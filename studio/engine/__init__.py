"""The only place that joins the API and the rows.

We send each request to the paid API at most once; nothing that was asked for disappears; when we cannot know, we
say so; whatever has an id is followed to its end across restarts; a finished picture is stored whole, or not shown.
"""
