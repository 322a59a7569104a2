"""The five societies: organizations, communities, social workers, volunteers; donors in the side store."""
