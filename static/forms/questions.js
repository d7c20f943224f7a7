// A form is a list of questions: which are shown, and what is wrong with answers.
// server/forms/questions.py says the same in Python; tests/forms/vectors.json runs against both. Keep them in step.

/**
 * @typedef {{ value: string, label: string }} Choice
 * @typedef {"check" | "yes_no" | "number" | "text" | "choice" | "choices" | "date" | "photo" | "position"} Kind
 * @typedef {{ question: string, is?: unknown, in?: unknown[], greater?: unknown, less?: unknown }} Test
 * @typedef {Test | { not: Condition } | { all: Condition[] } | { any: Condition[] }} Condition
 * @typedef {object} Question
 * @property {string} id
 * @property {Kind} kind
 * @property {string} label
 * @property {string} [help]
 * @property {boolean} [required]
 * @property {number | string | null} [min]
 * @property {number | string | null} [max]
 * @property {Choice[]} [choices]
 * @property {Condition | null} [shown_if]
 * @typedef {Record<string, unknown>} Answers
 */

const TEXT_LONGEST = 2000;
const PHOTOS_MOST = 9;
const ACCURACY_MOST = 1_000_000;
/** Why a position could not be taken; which is an answer like another. @type {Record<string, string>} */
export const POSITION_MISSING = {
  refused: "手机没有允许取位置",
  no_signal: "收不到位置信号",
  late: "等了一会儿没有等到",
  unable: "浏览器不能给出位置",
};
const BLANK = /^[ \t\r\n\u00a0\u3000]*$/;
const DATE = /^(19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2}$/;

/**
 * Ids of the questions that are asked, given these answers.
 * @param {Question[]} form
 * @param {Answers} answers
 * @returns {Set<string>}
 */
export function shown(form, answers) {
  /** @type {Map<string, unknown>} */
  const visible = new Map();
  for (const question of form) {
    if (!question.shown_if || holds(question.shown_if, visible)) visible.set(question.id, answerTo(question, answers));
  }
  return new Set(visible.keys());
}

/**
 * For each question that is asked and not answered as it should be: what to do, in words.
 * @param {Question[]} form
 * @param {Answers} answers
 * @returns {Record<string, string>}
 */
export function problems(form, answers) {
  const visible = shown(form, answers);
  /** @type {[string, string][]} */
  const found = [];
  for (const question of form) {
    if (!visible.has(question.id)) continue;
    const answer = answerTo(question, answers);
    const words = isBlank(answer)
      ? question.required && MISSING[question.kind]
      : CHECKS[question.kind](question, answer);
    if (words) found.push([question.id, words]);
  }
  return Object.fromEntries(found);
}

/**
 * The answers worth keeping: given, to questions that are asked.
 * @param {Question[]} form
 * @param {Answers} answers
 * @returns {Answers}
 */
export function clean(form, answers) {
  const visible = shown(form, answers);
  return Object.fromEntries(
    form
      .filter((question) => visible.has(question.id) && !isBlank(answerTo(question, answers)))
      .map((question) => [question.id, answers[question.id]]),
  );
}

/**
 * @param {Question} question
 * @param {Answers} answers
 */
export function answerTo(question, answers) {
  return Object.hasOwn(answers, question.id) ? answers[question.id] : undefined;
}

/**
 * Whether nothing was answered.
 * @param {unknown} answer
 */
export function isBlank(answer) {
  if (typeof answer === "string") return BLANK.test(answer);
  return answer === undefined || answer === null || (Array.isArray(answer) && answer.length === 0);
}

/**
 * Whether a condition is met by the answers to the questions that are asked.
 * @param {Condition} condition
 * @param {Map<string, unknown>} visible
 * @returns {boolean}
 */
export function holds(condition, visible) {
  if ("not" in condition) return !holds(condition.not, visible);
  if ("all" in condition) return condition.all.every((part) => holds(part, visible));
  if ("any" in condition) return condition.any.some((part) => holds(part, visible));
  const answer = visible.get(condition.question);
  if (isBlank(answer)) return false;
  const given = Array.isArray(answer) ? answer : [answer];
  if ("is" in condition) return given.includes(condition.is);
  if (condition.in) return condition.in.some((wanted) => given.includes(wanted));
  if ("greater" in condition) return comparable(answer, condition.greater) && over(answer, condition.greater);
  return comparable(answer, condition.less) && over(condition.less, answer);
}

/**
 * @param {unknown} one
 * @param {unknown} other
 */
function comparable(one, other) {
  return (isNumber(one) && isNumber(other)) || (isDate(one) && isDate(other));
}

/**
 * Whether a number or date is over another of its kind.
 * @param {unknown} one
 * @param {unknown} other
 */
function over(one, other) {
  return /** @type {number} */ (one) > /** @type {number} */ (other);
}

/**
 * @param {unknown} value
 * @returns {value is number}
 */
function isNumber(value) {
  return Number.isFinite(value);
}

/**
 * A day that exists, between 1900 and 2199, as 2026-11-21.
 * @param {unknown} value
 */
function isDate(value) {
  if (typeof value !== "string" || !DATE.test(value)) return false;
  const day = new Date(`${value}T00:00:00Z`);
  return !Number.isNaN(day.getTime()) && day.toISOString().startsWith(value);
}

/** @type {Record<Kind, string>} */
const MISSING = {
  check: "请选择合格、不合格或不适用",
  yes_no: "请选择是或否",
  number: "请填写数字",
  text: "请填写",
  choice: "请选择一项",
  choices: "请至少选一项",
  date: "请选择日期",
  photo: "请添加照片",
  position: "请取一下位置",
};

/** @type {Record<Kind, (question: Question, answer: unknown) => string | null>} */
const CHECKS = {
  check: (_, answer) => (["yes", "no", "na"].some((one) => one === answer) ? null : "请选择合格、不合格或不适用"),
  yes_no: (_, answer) => (typeof answer === "boolean" ? null : "请选择是或否"),
  number: (question, answer) => {
    if (!isNumber(answer)) return "请填写数字";
    return beyond(question, answer, "不能小于", "不能大于");
  },
  text: (question, answer) => {
    if (typeof answer !== "string") return "请填写文字";
    // By characters, not by UTF-16 units.
    return count(question, [...answer].length, TEXT_LONGEST, ["至少写 ", " 个字"], ["最多写 ", " 个字"]);
  },
  choice: (question, answer) => (isChoice(question, answer) ? null : "请从列出的选项中选择"),
  choices: (question, answer) => {
    if (!Array.isArray(answer) || !answer.every((one) => isChoice(question, one))) return "请从列出的选项中选择";
    if (new Set(answer).size !== answer.length) return "同一项选了两次";
    return count(question, answer.length, question.choices?.length ?? 0, ["至少选 ", " 项"], ["最多选 ", " 项"]);
  },
  date: (question, answer) => {
    if (!isDate(answer)) return "请按 2026-11-21 的样子填写日期";
    return beyond(question, answer, "不能早于", "不能晚于");
  },
  photo: (question, answer) => {
    if (!Array.isArray(answer) || !answer.every((one) => typeof one === "string" && one !== "")) return "请添加照片";
    return count(question, answer.length, PHOTOS_MOST, ["至少 ", " 张照片"], ["最多 ", " 张照片"]);
  },
  position: (_, answer) => (isPosition(answer) ? null : MISSING.position),
};

/**
 * Where somebody was, or why that is not known; nothing else in it.
 * @param {any} answer
 */
function isPosition(answer) {
  if (typeof answer !== "object" || answer === null || Array.isArray(answer)) return false;
  const names = Object.keys(answer).sort().join();
  if (Object.hasOwn(answer, "missing")) return names === "missing" && known(answer.missing);
  if (names !== "accuracy,latitude,longitude") return false;
  const { latitude, longitude, accuracy } = answer;
  const degrees = within(latitude, -90, 90) && within(longitude, -180, 180);
  return degrees && (accuracy === null || within(accuracy, 0, ACCURACY_MOST));
}

/** @param {unknown} why */
function known(why) {
  return typeof why === "string" && Object.hasOwn(POSITION_MISSING, why);
}

/**
 * @param {unknown} value
 * @param {number} least
 * @param {number} most
 */
function within(value, least, most) {
  return isNumber(value) && least <= value && value <= most;
}

/**
 * A position in words, as the server says it (server/forms/questions.py).
 * @param {any} answer
 */
export function positionWords(answer) {
  if (Object.hasOwn(answer, "missing")) return `没有取到:${POSITION_MISSING[answer.missing] ?? ""}`;
  const { latitude, longitude, accuracy } = answer;
  const around = accuracy === null ? "" : `(大约准到 ${Math.round(accuracy)} 米)`;
  return `${latitude.toFixed(5)}, ${longitude.toFixed(5)}${around}`;
}

/**
 * @param {Question} question
 * @param {unknown} answer
 */
function isChoice(question, answer) {
  return (question.choices ?? []).some((choice) => choice.value === answer);
}

/**
 * @param {Question} question
 * @param {unknown} answer
 * @param {string} under
 * @param {string} above
 */
function beyond({ min, max }, answer, under, above) {
  if (min !== undefined && min !== null && over(min, answer)) return `${under} ${min}`;
  if (max !== undefined && max !== null && over(answer, max)) return `${above} ${max}`;
  return null;
}

/**
 * @param {Question} question
 * @param {number} there
 * @param {number} limit
 * @param {[string, string]} tooFew
 * @param {[string, string]} tooMany
 */
function count({ min, max }, there, limit, tooFew, tooMany) {
  const least = isNumber(min) ? min : 0;
  const most = isNumber(max) ? max : limit;
  if (there < least) return tooFew.join(String(least));
  if (there > most) return tooMany.join(String(most));
  return null;
}
