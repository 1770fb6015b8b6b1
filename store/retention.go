package store

import (
	"context"
	"fmt"

	"habeas/rights"
)

// Pseudonym is the subject of every request whose record has served its time. It has no key: nothing can be sealed for it,
// and nothing of it read.
const Pseudonym = "pseudonym"

// served is which records can end: of what is closed, and neither complained about nor still on its way to its person.
// Choices of consent stay with their ledger, and so does what raised a flag: until it is lowered somebody must be able to say why.
const served = `r.is_open = 0 AND r.pseudonymised_at = 0 AND r."right" <> 'consent'
	AND NOT EXISTS (SELECT 1 FROM flag_events f WHERE f.request_id = r.id AND f.kind <> 'cancellation')
	AND NOT EXISTS (SELECT 1 FROM requests c WHERE c.parent_id = r.id AND c.parent_id > '' AND c.is_open = 1)
	AND NOT EXISTS (SELECT 1 FROM packages p WHERE p.request_id = r.id AND p.state IN ('queued', 'building', 'ready'))
	AND NOT EXISTS (SELECT 1 FROM letters l WHERE l.request_id = r.id AND l.state IN ('queued', 'sending'))`

const servedQuery = "SELECT " + requestColumns + " FROM requests r WHERE r.regime = $1 AND " + served + " ORDER BY r.closed_at, r.id"

// Served returns closed requests under a regime whose records can end, those first that have been closed for longest.
func (r reads) Served(ctx context.Context, regime string, limit int) ([]rights.Request, error) {
	rows, err := r.from.query(ctx, servedQuery+limited(limit), regime)
	return all(rows, err, scanRequest)
}

// forgets is what is removed of a request with its record, table by table: everything personal, and the ID of its person
// wherever it stands. What stays says what was done and when, for the numbers and for whoever asks later.
var forgets = []struct{ table, query string }{
	{"messages", "DELETE FROM messages WHERE request_id = $1"},
	{"files", "DELETE FROM files WHERE request_id = $1"},
	{"mandates", "DELETE FROM mandates WHERE request_id = $1"},
	{"corrections", "DELETE FROM corrections WHERE request_id = $1"},
	{"stops", "DELETE FROM stops WHERE request_id = $1"},
	{"tasks", "UPDATE tasks SET what = NULL, note = NULL, by_whom = NULL WHERE request_id = $1"},
	{"erasures", "UPDATE erasures SET holdings = NULL, residue = NULL WHERE request_id = $1"},
	{"recipient_notices", "UPDATE recipient_notices SET content = NULL, token_hash = NULL, next_at = 0 WHERE request_id = $1"},
	{"flag_writes", "DELETE FROM flag_writes WHERE request_id = $1"},
	{"flag_lifts", "DELETE FROM flag_lifts WHERE request_id = $1"},
	{"packages", "UPDATE packages SET file_key = NULL WHERE request_id = $1"},
	{"events", `UPDATE events SET detail = NULL, actor_id = CASE actor_role WHEN 'subject' THEN '` + Pseudonym + `' ELSE actor_id END
		WHERE request_id = $1`},
	{"letters", `UPDATE letters SET body = NULL, kept = NULL,
		subject_id = CASE WHEN subject_id IS NULL THEN NULL ELSE '` + Pseudonym + `' END WHERE request_id = $1`},
}

// remembers are the tables that name a request and keep that: why.
var remembers = map[string]string{
	"alerts":         "whom of the staff was told of what",
	"erased_sources": "how many records went where and when",
	"residues":       "records that are still kept, or may come back: they lead to nobody here, and are what ends the data itself",
	"tombstones":     "keyed hashes that know an erased person again; they name nobody",
	"audit_entries":  "never rewritten: it names IDs and nobody",
	"flag_events":    "the ledger of flags: that an account was closed holds on; it names IDs and nobody",
	"consent_events": "the ledger of consent; its requests do not end here",
}

// Pseudonymise ends the record of a request: what is personal of it is removed, and it belongs to nobody any more. Its
// reference, right, law, dates, state and ground stay. One that has changed since it was read, or is needed again, is
// rights.ErrConflict.
func (tx *Tx) Pseudonymise(r rights.Request, why rights.Entry) error {
	if _, err := tx.exec(`INSERT INTO subjects (id, mailbox_index, mailbox, person, addresses, language, regime, made_at, erased_at)
		VALUES ('`+Pseudonym+`', $1, $1, $1, $1, '', '', $2, $2) ON CONFLICT (id) DO NOTHING`, []byte{}, millis(why.At)); err != nil {
		return fmt.Errorf("pseudonymise: %w", err)
	}
	err := tx.change(rights.ErrConflict, `UPDATE requests AS r SET subject_id = '`+Pseudonym+`', pseudonymised_at = $3, version = version + 1
		WHERE r.id = $1 AND r.version = $2 AND `+served, r.ID, r.Version, millis(why.At))
	if err != nil {
		return fmt.Errorf("pseudonymise: %w", err)
	}
	for _, f := range forgets {
		if _, err := tx.exec(f.query, r.ID); err != nil {
			return fmt.Errorf("pseudonymise: %s: %w", f.table, err)
		}
	}
	if err := tx.Append(why); err != nil {
		return err
	}
	return tx.forgetPostal(r.Subject, why)
}

// forgetPostal erases somebody without a mailbox with the last of their requests: they are known for nothing else.
func (tx *Tx) forgetPostal(subjectID string, why rights.Entry) error {
	n, err := tx.exec("DELETE FROM postal WHERE subject_id = $1 AND NOT EXISTS (SELECT 1 FROM requests WHERE subject_id = $1)", subjectID)
	if err != nil || n == 0 {
		return err
	}
	return tx.DestroySubjectKey(subjectID, rights.Entry{At: why.At, Actor: why.Actor, Act: "subject.forgotten", Subject: subjectID})
}
