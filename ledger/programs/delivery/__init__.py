"""Services from report to confirmation: who signs off, who confirms, what waits, what is disputed."""
