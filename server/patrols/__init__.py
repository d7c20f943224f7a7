"""Grid patrol: places (管理对象), the plans by which they are visited, and what a round does there.

await patrols.record(visits, by=actor)
"""

from server.patrols.recording import record as record
