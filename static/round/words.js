/** Words of the round, as server/patrols/visit.py has them. */

/** @type {Record<import("../protocol.d.ts").Visit["outcome"], string>} */
export const OUTCOMES = {
  done: "已检查",
  nobody_there: "没有人",
  refused: "拒绝检查",
  closed_down: "已停业",
  moved: "已搬走",
  not_found: "没找到",
};
/** What to write where it was not done, so that the desk knows what to do. */
export const ASKED = {
  nobody_there: "可以写写什么时候有人,比如“邻居说晚上六点后在”。",
  refused: "对方怎么说的,写一两句。",
  closed_down: "停业多久了、看到什么,写一两句。",
  moved: "搬到哪里、现在是什么,知道就写。",
  not_found: "在哪里找过,写一两句,方便社区更正地址。",
};
export const LEADS = { note: "记下", fixed: "当场改好了", rectify: "限期整改", case: "转为工单" };
export const LED = { note: "已记下", fixed: "当场改好", rectify: "限期整改", case: "已成工单" };

/** 11月28日, 明天, 今天. @param {string} day @param {string} today */
export function dayWord(day, today) {
  const ahead = Math.round((Date.parse(day) - Date.parse(today)) / 86_400_000);
  const near = { "-1": "昨天", 0: "今天", 1: "明天", 2: "后天" }[String(ahead)];
  return near ?? `${Number(day.slice(5, 7))}月${Number(day.slice(8, 10))}日`;
}
