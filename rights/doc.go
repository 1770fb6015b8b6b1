// Package rights is the law as Habeas obeys it: rights requests and the states they may pass through, the
// statutory clocks of nine regimes, consent, and who may do what. It is pure: it knows neither databases, nor
// HTTP, nor mail, nor the language a person reads, and it never asks the machine for the time or for chance.
package rights
