"""The desk's front pages inside a community, a file a page."""
