"""Projects, organizations, communities and campaigns as everybody sees them."""
