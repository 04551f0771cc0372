package stateset

import (
	"encoding/json"
	"fmt"
	"math/big"
	"time"
)

// Decimal is a decimal number as text, exact: "19.99". Money and quantities are Decimals.
type Decimal string

// Rat is the number, to calculate with.
func (d Decimal) Rat() (*big.Rat, error) {
	number, ok := new(big.Rat).SetString(string(d))
	if !ok {
		return nil, fmt.Errorf("stateset: %q is not a decimal number", string(d))
	}
	return number, nil
}

// DecimalOf is a number with so many digits after the point, rounded half away from zero.
func DecimalOf(number *big.Rat, digits int) Decimal {
	return Decimal(number.FloatString(digits))
}

// Date is a day: "2026-11-22".
type Date string

// DateOf is the day of a time, where it is told.
func DateOf(t time.Time) Date {
	return Date(t.Format("2006-01-02"))
}

// Time is the beginning of the day, in UTC.
func (d Date) Time() (time.Time, error) {
	return time.Parse("2006-01-02", string(d))
}

// Ptr makes a pointer to a value, for members that may be left out: Ptr(false).
func Ptr[T any](value T) *T {
	return &value
}

// Nullable is what an update says of a member that can be cleared: nil leaves it as it is.
type Nullable[T any] struct {
	value *T
}

// Set gives the member a value.
func Set[T any](value T) *Nullable[T] {
	return &Nullable[T]{&value}
}

// Clear takes its value from the member.
func Clear[T any]() *Nullable[T] {
	return &Nullable[T]{}
}

// MarshalJSON is null for a member to be cleared.
func (n Nullable[T]) MarshalJSON() ([]byte, error) {
	return json.Marshal(n.value)
}
