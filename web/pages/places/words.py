"""What the pages of places say once after something was done."""

SAID = {
    "place.add": "已登记。可以打印标签贴上去。",
    "place.change": "已改好。",
    "place.retire": "已停用,过去的记录都在。",
    "place.restore": "已恢复使用。",
    "place.merge": "已并入,以后的巡查都记在那一处。",
    "place.unmerge": "已撤销合并,两处又各是各的。",
    "import": "文件已导入。",
    "import.same": "文件与现有的一致,没有改动。",
}
