"""Pages of volunteers: their list, one of them, the paper that confirms their hours."""
