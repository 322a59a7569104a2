"""Projects: plan, parties, budget against actual."""
