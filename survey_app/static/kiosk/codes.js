// A ticket's code as it is typed or scanned, and its check character (services/codes.py): without
// network that is all that can be said of a code.
var LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

// As on the ticket: groups of four. A scanner types the whole link, of which the end is the code.
function tidy(text) {
  var plain = text.split("/").pop().toUpperCase().replace(/[^0-9A-Z]/g, "").slice(0, 17);
  return plain.replace(/(.{4})(?=.)/g, "$1-");
}
// Over GF(32), whose elements are the letters: the sum of all characters, each times the power of
// a that stands at its place, is zero; times a is a shift modulo x^5 + x^2 + 1.
function fits(typed) {
  var plain = typed.replace(/-/g, "").replace(/O/g, "0").replace(/[IL]/g, "1"), sum = 0;
  for (var place = 0; place < plain.length; place += 1) {
    var value = LETTERS.indexOf(plain[place]);
    if (value < 0) return false;
    sum = (sum & 16 ? (sum << 1) ^ 37 : sum << 1) ^ value;
  }
  return plain.length === 17 && sum === 0;
}
