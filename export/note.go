package export

import "habeas/sources"

// Format names what a package is, for programs. The version goes up when something that was there is no longer.
type Format struct {
	Name    string `json:"name"`
	Version int    `json:"version"`
}

var format = Format{Name: "habeas-export", Version: 1}

// manifest says what is in a package and what is not, and why.
type manifest struct {
	Format      Format          `json:"format"`
	Request     requestNote     `json:"request"`
	Mailbox     string          `json:"mailbox"`
	Language    string          `json:"language"`
	Controller  controllerNote  `json:"controller"`
	MadeAt      string          `json:"made_at"`
	Supplements *supplementNote `json:"supplements,omitempty"` // of a supplement: what it belongs to
	Complete    bool            `json:"complete"`
	Records     int             `json:"records"`
	Sources     []sourceNote    `json:"sources"`
	Files       []fileNote      `json:"files"` // every file but this one, in the order of the ZIP
}

type supplementNote struct {
	Number int    `json:"number"`
	SHA256 string `json:"sha256"` // of the request's first package
}

type controllerNote struct {
	Name    map[string]string `json:"name"`
	Address string            `json:"address,omitempty"`
	Contact string            `json:"contact,omitempty"`
}

// The states of a source or a collection in a package. Where several hold, the last listed counts.
const (
	complete = "complete"
	keptBack = "kept_back" // some records there may be the person's but cannot be told from another's
	failed   = "failed"
)

var severity = map[string]int{complete: 0, keptBack: 1, failed: 2}

type sourceNote struct {
	Source      string            `json:"source"`
	Label       map[string]string `json:"label"`
	State       string            `json:"state"`
	Reason      string            `json:"reason,omitempty"` // of failed: down, denied, slow, busy, changed, large, broken or by_hand
	Ground      string            `json:"ground,omitempty"` // of kept_back
	Records     int               `json:"records"`
	Collections []collectionNote  `json:"collections"`
}

type collectionNote struct {
	Collection string            `json:"collection"`
	Label      map[string]string `json:"label"`
	State      string            `json:"state"`
	Reason     string            `json:"reason,omitempty"`
	Ground     string            `json:"ground,omitempty"`
	Records    int               `json:"records"`
	Files      []string          `json:"files,omitempty"`
	Withheld   []withheldNote    `json:"withheld,omitempty"` // fields that are held and not shown in full

	table *table
	about sources.Activity
}

type fileNote struct {
	Path    string `json:"path"`
	Bytes   int64  `json:"bytes"`
	SHA256  string `json:"sha256"`
	Records *int   `json:"records,omitempty"`
}

// requestNote is a rights request as the person may know it: nothing of who in the house works on it.
type requestNote struct {
	Reference  string `json:"reference"`
	Right      string `json:"right"`
	Regime     string `json:"regime"`
	ReceivedAt string `json:"received_at"`
	Channel    string `json:"channel,omitempty"`
	State      string `json:"state,omitempty"`
	Due        string `json:"due,omitempty"`
	ClosedAt   string `json:"closed_at,omitempty"`
	Ground     string `json:"ground,omitempty"`
}

type activityNote struct {
	Source         string                 `json:"source"`
	Collection     string                 `json:"collection"`
	Label          map[string]string      `json:"label"`
	Categories     []string               `json:"categories"`
	Purposes       []map[string]string    `json:"purposes"`
	Bases          []string               `json:"bases"`
	Recipients     []map[string]string    `json:"recipients"`
	Retention      []map[string]string    `json:"retention"`
	Origins        []sources.Origin       `json:"origins"`
	Classification sources.Classification `json:"classification"`
}

type consentsNote struct {
	Purposes []purposeNote `json:"purposes"`
	Events   []consentNote `json:"events"`
}

type purposeNote struct {
	Purpose string            `json:"purpose"`
	Title   map[string]string `json:"title"`
	Text    map[string]string `json:"text"`
	Basis   string            `json:"basis"`
	Version int               `json:"version"`
	Choice  string            `json:"choice"` // granted, withdrawn, or "" where nothing was ever said
	Since   string            `json:"since,omitempty"`
	Until   string            `json:"until,omitempty"`
	Active  bool              `json:"active"`
}

type consentNote struct {
	ID        string `json:"id"`
	Purpose   string `json:"purpose"`
	Version   int    `json:"version"`
	Choice    string `json:"choice"`
	At        string `json:"at"`
	Via       string `json:"via"`
	Language  string `json:"language"`
	TextHash  string `json:"text_sha256"` // of the words that were shown
	Reference string `json:"reference,omitempty"`
}
