// Package seal keeps personal data unreadable at rest. It seals values with AES-256-GCM under the key of their
// subject or of the portal, bound to the place they stand in, and turns what must be searched into keyed hashes.
// Only here is tink known; the package knows neither SQL nor what the values mean.
package seal
