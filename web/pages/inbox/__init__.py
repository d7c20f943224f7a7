"""消息: what a person was told."""
