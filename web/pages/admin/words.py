"""What the administration says: once after a change, and of every event in a history."""

from collections.abc import Mapping
from typing import Any

from server.areas.tree import LEVEL_WORDS
from server.kernel.actor import ROLE_WORDS

SAID = {
    "area.create": "区域已添加。",
    "area.rename": "名称已改好。",
    "area.move": "区域已移到新的上级之下。",
    "area.answers": "答复时间已改好,居民马上看得到。",
    "area.retire": "区域已停用。",
    "import": "文件已导入。",
    "import.same": "文件与现有的一致,没有改动。",
    "address.add": "地址已添加。",
    "address.correct": "地址已改好。",
    "address.retire": "地址已停用。",
    "address.alias": "别名已添加。",
    "address.alias_end": "别名已去掉。",
    "unit.create": "单位已添加。",
    "unit.rename": "单位已改好。",
    "unit.end": "单位已撤销。",
    "organisation.create": "党组织已添加。",
    "organisation.rename": "名称已改好。",
    "organisation.end": "党组织已撤销。",
    "post.create": "岗位已添加,现在还空着,请安排人。",
    "post.rename": "岗位名称已改好。",
    "post.hand_over": "岗位已由新任担任,手上的工单都留在岗位上。",
    "post.vacate": "岗位已空出,手上的工单已转给在岗的同事。",
    "post.end": "岗位已撤销。",
    "post.second_factor": "登录要求已改好,下一次操作就生效。",
    "account.open": "账号已开好。请本人用手机号收验证码登录,再设密码。",
    "account.rename": "姓名已改好。",
    "account.reset": "登录已重设。请本人用手机号收验证码登录,再设密码。",
    "account.close": "账号已注销。",
    "category.publish": "新版已发布,从现在受理的工单起生效。",
    "category.same": "内容与现行版本一致,没有发布新版。",
    "category.default_unit": "优先处置单位已改好。",
    "category.retire": "类别已停用。",
    "category.create": "类别已添加,先用通常的要求,请再设置。",
    "care_kind.create": "方式已添加。",
    "care_kind.change": "方式已改好。",
    "household_tag.create": "标签已添加。",
    "household_tag.change": "标签已改好。",
    "place_kind.create": "种类已添加,请再写要问的问题。",
    "place_kind.change": "种类已改好。",
    "place_kind.publish": "新版问题已发布,已登记的对象保留原来的回答。",
    "checklist.create": "检查表已添加,还是空的,请写项目。",
    "checklist.rename": "检查表已改好。",
    "checklist.publish": "新版已发布。手机下次同步就用新版。",
    "checklist.retire": "检查表已停用,做过的记录都还在。",
    "calendar.enter": "日历已录入,正在重算期限。",
    "subscriber.add": "已添加,请试发一条看看。",
    "subscriber.change": "设置已改好。",
    "subscriber.readdress": "地址已换好,请试发一条看看。",
    "subscriber.try": "正在试发,刷新看结果。",
    "subscriber.end": "已停用。",
    "delivery.replay": "正在重新发送,刷新看结果。",
    "delivery.set_aside": "选中的不再发送。",
    "job.retry": "已安排重试。",
}

KIND_WORDS = {
    "area.created": "添加区域",
    "area.renamed": "改名",
    "area.moved": "移动",
    "area.answers_set": "改答复时间",
    "area.retired": "停用",
    "area.polygon_set": "更新边界",
    "addresses.imported": "导入地址",
    "address.added": "添加地址",
    "address.corrected": "更正",
    "address.retired": "停用",
    "address.alias_added": "添加别名",
    "address.alias_ended": "去掉别名",
    "unit.created": "添加单位",
    "unit.renamed": "改名称或电话",
    "unit.ended": "撤销单位",
    "organisation.created": "添加党组织",
    "organisation.renamed": "改名",
    "organisation.ended": "撤销党组织",
    "post.created": "添加岗位",
    "post.renamed": "改名",
    "post.filled": "上岗",
    "post.handed_over": "交接",
    "post.vacated": "空出",
    "post.ended": "撤销岗位",
    "post.second_factor": "登录要求",
    "account.opened": "开账号",
    "account.renamed": "改姓名",
    "account.closed": "注销",
    "account.sign_in_reset": "重设登录",
    "account.password_changed": "改密码",
    "account.second_factor_on": "启用动态口令",
    "account.second_factor_off": "停用动态口令",
    "category.created": "添加类别",
    "category.published": "发布新版",
    "category.default_unit_set": "改优先处置单位",
    "category.retired": "停用",
    "category.revived": "恢复使用",
    "place_kind.created": "添加种类",
    "place_kind.changed": "改种类",
    "place_kind.published": "发布新版问题",
    "checklist.created": "添加检查表",
    "checklist.renamed": "改名称或部门",
    "checklist.published": "发布新版",
    "checklist.retired": "停用",
    "rectification.opened": "开出整改单",
    "rectification.moved": "改期限",
    "rectification.failed": "复查,没有改好",
    "rectification.not_seen": "复查,没有看成",
    "rectification.passed": "复查,已改好",
    "rectification.reopened": "记录改正,重新等复查",
    "rectification.recounted": "记录改正,重算没改好的次数",
    "rectification.became_case": "转成工单",
    "rectification.withdrawn": "撤销",
    "rectification.link_made": "生成负责人的链接",
    "calendar.entered": "录入日历",
    "jobs.retried": "重试任务",
    "account.notices_chosen": "改提醒",
    "subscriber.added": "添加",
    "subscriber.changed": "改设置",
    "subscriber.readdressed": "换地址或密钥",
    "subscriber.tried": "试发",
    "subscriber.ended": "停用",
}


def told(kind: str, data: Mapping[str, Any]) -> str:
    """What an event says beyond its kind, in words; empty where it says no more."""
    match kind:
        case "area.created":
            return f"{LEVEL_WORDS.get(data.get('level', ''), '')} {data.get('name', '')}({data.get('code', '')})"
        case "area.renamed":
            return f"{data.get('from')} → {data.get('to')}"
        case "area.answers_set":
            return f"{data.get('from') or '未填'} → {data.get('to') or '未填'}"
        case "area.polygon_set":
            return f"{'首次导入' if data.get('first') else '重新导入'},{data.get('positions')} 个点"
        case "addresses.imported":
            return f"添加 {data.get('created')},更改 {data.get('changed')},别名 {data.get('aliases')}"
        case "address.corrected":
            return f"{data.get('from')} → {data.get('to')}"
        case "address.added" | "address.alias_added" | "address.alias_ended":
            return str(data.get("text", ""))
        case "unit.renamed" | "organisation.renamed" | "account.renamed" | "checklist.renamed":
            return f"{data.get('before') or '未填'} → {data.get('name') or '未填'}"
        case "post.renamed":
            return f"{data.get('before')} → {data.get('title')}"
        case "post.created":
            word = next((word for role, word in ROLE_WORDS.items() if role == data.get("role")), "")
            return f"{word} · {data.get('title')}"
        case "post.filled":
            return f"{data.get('to_name') or '未填姓名'}"
        case "post.handed_over":
            return f"{data.get('from_name') or '未填姓名'} → {data.get('to_name') or '未填姓名'}"
        case "post.vacated":
            return f"{data.get('from_name') or '未填姓名'} 离任"
        case "post.second_factor":
            return "要动态口令" if data.get("demanded") else "不要动态口令"
        case "category.published" | "place_kind.published" | "checklist.published":
            return f"第 {data.get('version')} 版:" + ";".join(data.get("changes", ()))
        case "rectification.moved":
            return f"{_day(data.get('before'))} → {_day(data.get('due'))}:{data.get('reason', '')}"
        case "rectification.opened" | "rectification.failed" | "rectification.not_seen" | "rectification.reopened":
            return f"{_day(data.get('due'))}前改好"
        case "rectification.withdrawn" | "rectification.became_case":
            return str(data.get("reason") or data.get("case") or "")
        case "calendar.entered":
            return f"放假 {len(data.get('days_off', ()))} 天,调班 {len(data.get('days_worked', ()))} 天"
        case "subscriber.added" | "subscriber.readdressed":
            return str(data.get("host", ""))
        case "unit.created" | "organisation.created" | "category.created" | "place_kind.created" | "checklist.created":
            return str(data.get("name", ""))
    return ""


def _day(text: object) -> str:
    """A date as events keep it, as people say it."""
    parts = str(text).split("-")
    return f"{int(parts[1])} 月 {int(parts[2])} 日" if len(parts) == 3 else "?"
