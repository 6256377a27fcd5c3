// The theme's search dialog has no name; its input has.
(function () {
  var dialog = document.querySelector(".md-search[role=dialog]");
  var input = document.querySelector(".md-search__input");
  if (dialog && input) dialog.setAttribute("aria-label", input.getAttribute("aria-label") || "Search");
})();

// A living review that nobody updates must say so itself: the reader's clock decides, not the build.
(function () {
  var box = document.querySelector(".lr-announce");
  if (!box || !box.dataset.nextDue) return;
  var today = new Date().toISOString().slice(0, 10);
  if (today > box.dataset.nextDue) {
    var note = box.querySelector(".lr-overdue");
    note.textContent = "· " + box.dataset.overdue;
    note.hidden = false;
  }
})();
