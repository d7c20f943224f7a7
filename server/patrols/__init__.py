"""Grid patrol: places (管理对象) and, below them, what a round does there."""
