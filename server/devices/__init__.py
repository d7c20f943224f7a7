"""The outbox's other half: commands in, receipts and working sets out."""
