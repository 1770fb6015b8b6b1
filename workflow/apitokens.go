package workflow

import (
	"context"
	"errors"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
	"unicode/utf8"

	"habeas/rights"
	"habeas/store"
)

// APIToken lets a program of the house ask by the API.
type APIToken = store.APIToken

// ScopeCheck is the scope of asking whether purposes may be pursued.
const ScopeCheck = "consents:check"

// Scopes are what a token can be for.
var Scopes = []string{ScopeCheck}

// tokenMark begins every token, so that scanners of leaked secrets know one.
const tokenMark = "habeas_"

// callsAMinute is how often one token is answered in a minute.
const callsAMinute = 60_000

// APITokens lists the tokens, those that stand first, and the names of colleagues by staff ID.
func (p *Portal) APITokens(ctx context.Context, by rights.Actor) ([]APIToken, map[string]string, error) {
	if err := may(by, rights.SeeSettings); err != nil {
		return nil, nil, err
	}
	list, err := p.Store.APITokens(ctx)
	if err != nil {
		return nil, nil, err
	}
	names, err := p.names(ctx)
	return list, names, err
}

// MakeAPIToken makes a token for a program and returns it, this once.
func (p *Portal) MakeAPIToken(ctx context.Context, by rights.Actor, name string, scopes []string) (token string, err error) {
	if err := may(by, rights.ManageSettings); err != nil {
		return "", err
	}
	var faults rights.FieldErrors
	name = strings.TrimSpace(name)
	if n := utf8.RuneCountInString(name); n == 0 {
		faults = append(faults, rights.FieldError{Field: "name", Key: "tokens.error.name"})
	} else if n > maxName {
		faults = append(faults, rights.FieldError{Field: "name", Key: "error.too_long", Args: map[string]any{"Max": maxName, "Over": n - maxName}})
	}
	if len(scopes) == 0 || slices.ContainsFunc(scopes, func(s string) bool { return !slices.Contains(Scopes, s) }) {
		faults = append(faults, rights.FieldError{Field: "scopes", Key: "tokens.error.scopes"})
	}
	if len(faults) > 0 {
		return "", faults
	}
	token = tokenMark + p.newToken(32)
	t := APIToken{ID: p.newID(), Name: name, Scopes: scopes, By: by.ID, At: p.Now()}
	facts := map[string]string{"token": t.ID, "scopes": strings.Join(scopes, " ")}
	return token, p.Store.Write(ctx, func(tx *store.Tx) error {
		return tx.InsertAPIToken(t, token, p.entry(by, "token.made", "", "", facts))
	})
}

// RevokeAPIToken ends a token: the next call with it is refused.
func (p *Portal) RevokeAPIToken(ctx context.Context, by rights.Actor, id string) error {
	if err := may(by, rights.ManageSettings); err != nil {
		return err
	}
	err := p.Store.Write(ctx, func(tx *store.Tx) error {
		if _, err := tx.APIToken(ctx, id); err != nil {
			return err
		}
		return tx.RevokeAPIToken(id, by.ID, p.entry(by, "token.revoked", "", "", map[string]string{"token": id}))
	})
	p.tokens.forget() // whatever came of it: what is asked anew is right
	return err
}

// Program returns the program that shows a token, if the token stands and is for that: rights.ErrNotFound for no such token,
// rights.ErrForbidden for another's scope, TooMany beyond what one token is answered in a minute.
func (p *Portal) Program(ctx context.Context, token, scope string) (rights.Actor, error) {
	if !strings.HasPrefix(token, tokenMark) {
		return rights.Actor{}, rights.ErrNotFound
	}
	t, err := p.standingToken(ctx, token)
	if err != nil {
		return rights.Actor{}, err
	}
	if !slices.Contains(t.Scopes, scope) {
		return rights.Actor{}, rights.ErrForbidden
	}
	if wait := p.calls.take(t.ID, p.Now()); wait > 0 {
		return rights.Actor{}, TooMany{Wait: wait}
	}
	return rights.Actor{ID: t.ID, Role: rights.RoleProgram}, nil
}

// standingToken is the token that somebody shows, remembered until one is revoked: it is asked for with every call.
func (p *Portal) standingToken(ctx context.Context, token string) (APIToken, error) {
	t, turn, known := p.tokens.get(token)
	if known {
		return t, nil
	}
	t, err := p.Store.APITokenBy(ctx, token)
	if err == nil {
		p.tokens.keep(token, t, turn)
	}
	return t, err
}

// tokens are those that were found to stand since the last one was revoked.
type tokens struct {
	mu    sync.Mutex
	turn  int // goes up with each that is revoked
	known map[string]APIToken
}

func (k *tokens) get(token string) (t APIToken, turn int, known bool) {
	k.mu.Lock()
	defer k.mu.Unlock()
	t, known = k.known[token]
	return t, k.turn, known
}

// keep remembers a token that was read in that turn; one that was revoked meanwhile is not.
func (k *tokens) keep(token string, t APIToken, turn int) {
	k.mu.Lock()
	defer k.mu.Unlock()
	if turn != k.turn {
		return
	}
	if k.known == nil {
		k.known = map[string]APIToken{}
	}
	k.known[token] = t
}

func (k *tokens) forget() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.turn, k.known = k.turn+1, nil
}

// calls counts what programs ask, in memory: an entry a call in the audit log would make each cost a hundred. They are written
// down together, every few seconds; a crash forgets those of the last ones.
type calls struct {
	mu      sync.Mutex
	minute  time.Time
	now     map[string]int // by token, of this minute
	pending map[string]int // by token, not written down yet
}

func (c *calls) take(token string, now time.Time) (wait time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if minute := now.Truncate(time.Minute); !minute.Equal(c.minute) || c.now == nil {
		c.minute, c.now = minute, map[string]int{}
	}
	if c.now[token] >= callsAMinute {
		return c.minute.Add(time.Minute).Sub(now)
	}
	c.now[token]++
	if c.pending == nil {
		c.pending = map[string]int{}
	}
	c.pending[token]++
	return 0
}

func (c *calls) taken() map[string]int {
	c.mu.Lock()
	defer c.mu.Unlock()
	out := c.pending
	c.pending = nil
	return out
}

func (c *calls) giveBack(pending map[string]int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.pending == nil {
		c.pending = map[string]int{}
	}
	for token, n := range pending {
		c.pending[token] += n
	}
}

// CountCalls writes down what programs asked since it was last called: one entry a token, with how often. Whose consents they
// were is not in it: they are checked before each letter and each click.
func (p *Portal) CountCalls(ctx context.Context) (had bool, err error) {
	pending := p.calls.taken()
	if len(pending) == 0 {
		return false, nil
	}
	err = p.Store.Write(ctx, func(tx *store.Tx) error {
		for token, n := range pending {
			by := rights.Actor{ID: token, Role: rights.RoleProgram}
			if err := tx.UsedAPIToken(token, n, p.Now(), p.entry(by, "consents.checked", "", "", map[string]string{"count": strconv.Itoa(n)})); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil && !errors.Is(err, rights.ErrConflict) {
		p.calls.giveBack(pending)
	}
	return false, err
}
