package stateset

import "context"

// Page is a page as the server sends it.
type Page[T any] struct {
	Data []T `json:"data"`
	// Where the next page begins; nil on the last.
	NextCursor *string `json:"next_cursor"`
}

// List fetches its pages as they are needed:
//
//	orders := client.Orders.List(ctx, nil)
//	for orders.Next() {
//		fmt.Println(orders.Value().OrderNumber)
//	}
//	if err := orders.Err(); err != nil { … }
//
// From Go 1.23 on, `for order, err := range orders.All()` does the same.
type List[T any] struct {
	fetch  func(cursor string) (*Page[T], error)
	page   []T
	at     int
	cursor *string
	err    error
}

func list[T any](ctx context.Context, c *core, path string, query any, options []RequestOption) *List[T] {
	start := ""
	return &List[T]{cursor: &start, fetch: func(cursor string) (*Page[T], error) {
		asked := append([]RequestOption{}, options...)
		if cursor != "" {
			asked = append(asked, func(r *request) { r.query.Set("cursor", cursor) })
		}
		return get[Page[T]](ctx, c, path, query, asked)
	}}
}

// Next goes on to the next one. It is false after the last, and when something failed: see Err.
func (l *List[T]) Next() bool {
	l.at++
	for l.at >= len(l.page) {
		page, err := l.NextPage()
		if err != nil || page == nil {
			return false
		}
		l.page, l.at = page.Data, 0
	}
	return true
}

// Value is the one that Next went on to.
func (l *List[T]) Value() T { return l.page[l.at] }

// Err is what ended the list before its end.
func (l *List[T]) Err() error { return l.err }

// NextPage is the next page as a whole, nil after the last. Use it instead of Next.
func (l *List[T]) NextPage() (*Page[T], error) {
	if l.err != nil || l.cursor == nil {
		return nil, l.err
	}
	page, err := l.fetch(*l.cursor)
	if err != nil {
		l.err = err
		return nil, err
	}
	l.cursor = page.NextCursor
	return page, nil
}

// All is the list for a range loop; an error is the last that comes.
func (l *List[T]) All() func(yield func(T, error) bool) {
	return func(yield func(T, error) bool) {
		for l.Next() {
			if !yield(l.Value(), nil) {
				return
			}
		}
		if l.err != nil {
			var none T
			yield(none, l.err)
		}
	}
}

// Take is the first so many, or fewer.
func (l *List[T]) Take(most int) ([]T, error) {
	var taken []T
	for len(taken) < most && l.Next() {
		taken = append(taken, l.Value())
	}
	return taken, l.err
}
