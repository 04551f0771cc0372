package stateset

import (
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

// APIError is a refusal by the server. Code says why, in a word that stays the same.
type APIError struct {
	Status int       `json:"status"`
	Code   ErrorCode `json:"code"`
	Title  string    `json:"title"`
	Detail string    `json:"detail"`
	// What the refusal left behind, such as the address of a declined payment.
	Instance string `json:"instance"`
	// For questions to the operator.
	RequestID string `json:"request_id"`
	// Every fault of the request, not only the first.
	Faults []Fault `json:"errors"`
	// How long the server asks to wait before the request is sent again; zero when it does not say.
	RetryAfter time.Duration `json:"-"`
}

func (e *APIError) Error() string {
	if e.Detail == "" {
		return fmt.Sprintf("stateset: %s (%d)", e.Title, e.Status)
	}
	return fmt.Sprintf("stateset: %s: %s", e.Title, e.Detail)
}

// Fault is what is wrong with one member of the request, by its JSON Pointer; nil when nothing is.
func (e *APIError) Fault(pointer string) *Fault {
	for at := range e.Faults {
		if e.Faults[at].Pointer == pointer {
			return &e.Faults[at]
		}
	}
	return nil
}

// IsCode tells whether the server refused with this code.
func IsCode(err error, code ErrorCode) bool {
	var refusal *APIError
	return errors.As(err, &refusal) && refusal.Code == code
}

// ConnectionError: no answer came, after all attempts. A write may have happened: sending it with
// the same key again is safe.
type ConnectionError struct {
	// With which key the write was sent.
	IdempotencyKey string
	err            error
}

func (e *ConnectionError) Error() string { return "stateset: no answer: " + e.err.Error() }

func (e *ConnectionError) Unwrap() error { return e.err }

// The body of an answer that is no problem of ours, such as a proxy's page, leaves only the status.
func refusalOf(status int, header http.Header, body []byte) *APIError {
	refusal := &APIError{}
	if decode(body, refusal) != nil || refusal.Title == "" {
		refusal = &APIError{Code: "unknown", Title: http.StatusText(status)}
	}
	refusal.Status = status
	if refusal.RequestID == "" {
		refusal.RequestID = header.Get("Request-Id")
	}
	if seconds, err := strconv.Atoi(header.Get("Retry-After")); err == nil {
		refusal.RetryAfter = time.Duration(seconds) * time.Second
	}
	return refusal
}

// Whether the same request may fare better later. What a proxy says (502, 504) leaves open what
// happened.
func (e *APIError) mayPass(repeatable bool) bool {
	switch e.Status {
	case http.StatusTooManyRequests:
		return true
	case http.StatusConflict:
		return e.Code == CodeRequestInProgress
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		return repeatable
	}
	return false
}
