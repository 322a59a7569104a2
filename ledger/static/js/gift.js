// The form of a gift: choosing known goods fills in the measure they are counted in. It works without this, too.
const item = document.querySelector("input[name=item]");
const measure = document.querySelector("input[name=measure]");
const known = new Map(
  [...document.querySelectorAll("#goods option")].map((option) => [option.value, option.dataset.measure]),
);

item?.addEventListener("change", () => {
  const counted = known.get(item.value);
  if (counted && measure) {
    item.value = item.value.slice(0, item.value.lastIndexOf(":"));
    measure.value = counted;
  }
});

// A click on a kind of gift leads to its first field. With arrow keys one goes on choosing, and Tab leads there.
for (const choice of document.querySelectorAll("input[name=resource]")) {
  choice.addEventListener("click", (event) => {
    if (event.detail > 0) {
      document.querySelector(`.if-${choice.value} input`)?.focus();
    }
  });
}
