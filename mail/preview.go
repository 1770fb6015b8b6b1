package mail

import "habeas/locale"

// Draft is a letter before it is sent, part by part: everything but the words of an officer is fixed.
type Draft struct {
	Kind         Kind
	Language     string
	House        string // its name, which heads the letter
	Subject      string
	Title, Hello string
	Above, Below []Block // before and after the words
	Worded       bool    // there is room for words between the two
	Sign         string
	Foot         []string
}

// Preview lays out the letter that Compose would write, on paper or not, without the words in it: whoever edits them sees what stands
// around them, and which rule wants it.
func Preview(house House, lang string, m Message, paper bool) (Draft, error) {
	p, subject, err := draw(house, lang, m, paper)
	if err != nil {
		return Draft{}, err
	}
	d := Draft{
		Kind: m.Kind(), Language: p.Lang, House: p.House, Subject: subject, Title: p.Title, Hello: locale.T(p.Lang, "letters.hello"), Above: p.Blocks,
		Sign: locale.T(p.Lang, "letters.sign", "House", p.House), Foot: p.Foot,
	}
	if w := p.Words; w != nil {
		d.Above, d.Below, d.Worded = p.Blocks[:w.from], p.Blocks[w.to:], true
	}
	return d, nil
}
