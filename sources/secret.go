package sources

import (
	"net/url"
	"regexp"
	"strings"

	"github.com/go-sql-driver/mysql"
)

// Server reports whether the source is a server that asks who we are.
func (c Config) Server() bool { return c.Driver == "postgres" || c.Driver == "mysql" }

// inWords is a password in a DSN of PostgreSQL that is no URL.
var inWords = regexp.MustCompile(`(?i)(^|\s)(ssl)?password\s*=`)

// Secret reports whether the DSN holds a password. One does not belong there: a DSN is shown and copied.
func (c Config) Secret() bool {
	switch c.Driver {
	case "mysql":
		parsed, err := mysql.ParseDSN(c.DSN)
		return err == nil && parsed.Passwd != ""
	case "postgres":
		if !strings.HasPrefix(c.DSN, "postgres://") && !strings.HasPrefix(c.DSN, "postgresql://") {
			return inWords.MatchString(c.DSN)
		}
		parsed, err := url.Parse(c.DSN)
		if err != nil {
			return false
		}
		_, has := parsed.User.Password()
		return has || parsed.Query().Has("password") || parsed.Query().Has("sslpassword")
	}
	return false
}
