// Package sources knows the systems that hold people's data: the data map that describes them, who in them a confirmed
// mailbox belongs to, which records are that person's, and how one of their fields is corrected.
//
// It must not know why it is asked: no requests, no sessions, no letters, no pages and no language. It decides what is
// a person's, never who may see it. Nothing here writes to a source except Set.Write, and only where the map says so.
//
// One rule matters more than all others: nothing of one person may reach another. Four decisions keep it.
//   - A row of a collection of people is reached by who they are (a confirmed mailbox, a customer number), never by a
//     reference from somebody's order, invoice or message.
//   - From a person's own row, references lead down to what hangs on it (their orders, the lines of those), and up to
//     what it names (a product, its maker). What was reached by going up is shared with others: from there the way
//     only leads further up, never down again.
//   - A row that names somebody else as its person is theirs, however else it was reached.
//   - Two people behind one mailbox are two people: until a second datum tells them apart nothing of either is shown,
//     and what only the mailbox ties to one of them is withheld for good.
package sources
