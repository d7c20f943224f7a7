/** A shell is the same for everybody: it looks as chosen on this device from its first stroke on. A plain script, before the body. */
{
  const chosen = decodeURIComponent(/(?:^|; )huying_look=([^;]*)/.exec(document.cookie)?.[1] ?? "").split(" ");
  const root = document.documentElement;
  const theme = chosen.find((word) => word === "light" || word === "dark");
  if (theme) root.dataset.theme = theme;
  root.toggleAttribute("data-elder", chosen.includes("elder"));
}
