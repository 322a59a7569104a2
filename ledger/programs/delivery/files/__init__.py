"""Evidence files, handed out to those who work with what they prove."""
