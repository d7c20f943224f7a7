"""Why the desk should look at a record. It was received all the same: nothing true is dropped for being late."""

WORDS = {
    "old_list": "按旧版检查表填的",
    "unfinished": "有的检查表没填",
    "past_window": "过了期限才做",
    "given": "任务已交给别人",
    "withdrawn": "任务已撤销",
    "doubled": "同一任务有两份记录",
    "merged": "对象已并入另一处",
    "retired": "对象已停用",
    "moved_on": "记录人已不在这个网格",
    "odd_clock": "手机时间不对",
    "refused": "对方拒绝检查",
    "gone": "说是停业、搬走或没找到",
    "corrected_case": "改过的记录已经转成工单",
}


def in_words(marks: list[str]) -> tuple[str, ...]:
    """The marks for a reader; an unknown one, of a later version, as it is."""
    return tuple(WORDS.get(mark, mark) for mark in marks)
