"""Projects, grants, services and goods issued: what donations become."""
