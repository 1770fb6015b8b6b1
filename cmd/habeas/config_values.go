package main

import (
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/netip"
	"net/url"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// parseBaseURL takes https anywhere and http on this machine only: codes and sessions must not cross a network in clear.
func parseBaseURL(s string) (*url.URL, error) {
	u, err := url.Parse(s)
	switch {
	case err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http":
		return nil, errors.New("write it in full, like https://privacy.example.com")
	case u.User != nil || u.RawQuery != "" || u.Fragment != "" || strings.Trim(u.Path, "/") != "":
		return nil, errors.New("give the portal a host of its own: scheme and host only, like https://privacy.example.com")
	case u.Scheme == "http" && !isLoopback(u.Hostname()):
		return nil, errors.New("must begin with https: plain http is only for 127.0.0.1 and localhost")
	}
	u.Path = ""
	return u, nil
}

func isLoopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

func parseZone(s string) (*time.Location, error) {
	loc, err := time.LoadLocation(s)
	if err != nil || s == "Local" {
		return nil, fmt.Errorf("%q is not a time zone: write one like Europe/Berlin or Asia/Shanghai", s)
	}
	return loc, nil
}

var span = regexp.MustCompile(`^(\d{1,4})(h|d|mo|y)$`)

func parseCoolingOff(s string) (time.Duration, error) {
	if m := span.FindStringSubmatch(s); m != nil {
		n, err := strconv.Atoi(m[1])
		unit := map[string]time.Duration{"h": time.Hour, "d": 24 * time.Hour}[m[2]]
		if err == nil && unit > 0 && time.Duration(n)*unit <= 14*24*time.Hour {
			return time.Duration(n) * unit, nil
		}
	}
	return 0, fmt.Errorf("%q is not a time of at most 14 days: write it like 72h or 3d", s)
}

func parseMonths(s string) (int, error) {
	if m := span.FindStringSubmatch(s); m != nil {
		n, err := strconv.Atoi(m[1])
		months := map[string]int{"mo": 1, "y": 12}[m[2]]
		if err == nil && n > 0 && months > 0 {
			return n * months, nil
		}
	}
	return 0, fmt.Errorf("%q is not a number of months or years: write it like 24mo or 2y", s)
}

func parseVersion(s string) (int, error) {
	n, err := strconv.Atoi(s)
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%q is not a version: count them 1, 2, 3", s)
	}
	return n, nil
}

func parseTruth(s string) (bool, error) {
	is, err := strconv.ParseBool(s)
	if err != nil {
		return false, fmt.Errorf("%q is neither true nor false", s)
	}
	return is, nil
}

func parseProxy(s string) (*net.IPNet, error) {
	prefix, err := netip.ParsePrefix(s)
	if err != nil {
		var addr netip.Addr
		if addr, err = netip.ParseAddr(s); err == nil {
			prefix = netip.PrefixFrom(addr, addr.BitLen())
		}
	}
	if err != nil || prefix.Addr().Zone() != "" {
		return nil, fmt.Errorf("%q is not an address: write it like 10.0.0.7 or 10.0.0.0/8", s)
	}
	prefix = prefix.Masked()
	return &net.IPNet{IP: prefix.Addr().AsSlice(), Mask: net.CIDRMask(prefix.Bits(), prefix.Addr().BitLen())}, nil
}

var keyForm = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,40}$`)

func checkKey(s string) error {
	if !keyForm.MatchString(s) {
		return fmt.Errorf("%q cannot be a key: use small letters, digits, _ and -", s)
	}
	return nil
}

func checkMailbox(s string) error {
	if a, err := netmail.ParseAddress(s); err != nil || !strings.Contains(a.Address, "@") {
		return fmt.Errorf("%q is not a mailbox: write it like privacy@example.com", s)
	}
	return nil
}

// checkMailURL never repeats the address: people put passwords into it.
func checkMailURL(s string) error {
	if strings.HasPrefix(s, "spool:") {
		return nil
	}
	u, err := url.Parse(s)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return errors.New("write it like smtp://user@host:587, smtps://user@host:465 or spool:DIR")
	}
	if _, has := u.User.Password(); has {
		return errors.New("leave the password out and set it by HABEAS_MAIL_PASSWORD or HABEAS_MAIL_PASSWORD_FILE")
	}
	return nil
}

func checkLink(s string) error {
	if u, err := url.Parse(s); err != nil || u.Host == "" || u.Scheme != "https" && u.Scheme != "http" {
		return fmt.Errorf("%q is not a link: write it in full, like https://example.com/privacy", s)
	}
	return nil
}

func oneOf(known []string) func(string) error {
	return func(s string) error {
		if !slices.Contains(known, s) {
			return fmt.Errorf("%q is not known%s", s, meant(s, known))
		}
		return nil
	}
}

// within makes a path of the file absolute: it is relative to the file's own directory.
func within(dir, path string) string {
	if path == "" || filepath.IsAbs(path) {
		return path
	}
	return filepath.Join(dir, path)
}

// fileDSN does the same for the path in a data source name of SQLite.
func fileDSN(dir, dsn string) string {
	path, isURI := strings.CutPrefix(dsn, "file:")
	if path == "" || filepath.IsAbs(path) {
		return dsn
	}
	if isURI {
		return "file:" + strings.TrimSuffix((&url.URL{Path: filepath.ToSlash(dir)}).EscapedPath(), "/") + "/" + path
	}
	return filepath.Join(dir, path)
}
