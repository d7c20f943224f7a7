"""What the pages of households say once something was done."""

SAID = {
    "import": "文件已导入。",
    "import.same": "与现有的一致,没有改动。",
    "add": "已登记。",
    "change": "地址已改好。",
    "move": "新地址已记下,原来的地址留在记录里。",
    "close": "已结束联系。",
    "reopen": "又联系上了,请重新安排党员。",
    "merge": "已并入,要撤销随时可以。",
    "unmerge": "合并已撤销。",
    "person.add": "联系人已加上。",
    "person.change": "联系人已改好。",
    "person.remove": "联系人已去掉。",
    "person.contact": "已设为第一联系人。",
    "tag.put": "标签已设。",
    "tag.off": "标签已去掉。",
    "link": "已安排党员联系。",
    "unlink": "联系已结束。",
    "hand_over": "已移交。",
    "wish": "已写明处理好了,住户看得到。",
    "visit": "走访已记下。",
}
