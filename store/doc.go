// Package store is the portal's own database: all of its SQL, the sealing of personal data and the Merkle audit log.
// It knows neither HTTP nor the law beyond the shape of its records: whether an act is allowed is decided before it.
//
// Reads are methods of both Store and Tx, so that a transaction sees its own writes. What is not there is
// rights.ErrNotFound; what changed in the meantime, is used up or exists already is rights.ErrConflict; what was there
// and no longer is, like the values of a subject whose key is destroyed, is rights.ErrGone.
package store
