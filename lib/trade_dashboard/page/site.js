// Filters by report and date; without this script the page is whole.
const form = document.querySelector(".filter");
form.hidden = false;
const shown = () => {
  const report = form.report.value, from = form.from.value, to = form.to.value;
  for (const one of document.querySelectorAll("[data-report]")) one.hidden = report && one.dataset.report !== report;
  for (const one of document.querySelectorAll("[data-day]"))
    one.hidden = (from && one.dataset.day < from) || (to && one.dataset.day > to) || (report && one.dataset.of && one.dataset.of !== report);
  for (const month of document.querySelectorAll(".month"))
    month.hidden = !month.querySelector("[data-report]:not([hidden]) [data-day]:not([hidden])");
  if (report || from || to) for (const more of document.querySelectorAll("details.more")) more.open = true;
};
form.addEventListener("input", shown);
