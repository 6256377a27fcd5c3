// The theme's search dialog has no name; its input has.
(function () {
  var dialog = document.querySelector(".md-search[role=dialog]");
  var input = document.querySelector(".md-search__input");
  if (dialog && input) dialog.setAttribute("aria-label", input.getAttribute("aria-label") || "Search");
})();

// A living review that nobody updates must say so itself: the reader's clock decides, not the build.
(function () {
  var box = document.querySelector(".lr-announce");
  if (!box || !box.dataset.facts) return;
  var f = JSON.parse(box.dataset.facts);
  var today = new Date().toISOString().slice(0, 10);
  var state =
    f.retired && f.retired <= today ? "retired" :
    f.suspended && f.suspended <= today ? "suspended" :
    !f.searched ? "never" :
    f.nextDue && f.nextDue < today ? "overdue" :
    f.waiting ? "pending" :
    f.unread ? "in_progress" : "current";
  var note = box.querySelector(".lr-living");
  note.textContent = f.words[state];
  note.dataset.state = state;
  note.hidden = false;
  note.after(" · ");
})();
