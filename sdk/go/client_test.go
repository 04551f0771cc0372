package stateset_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	stateset "stateset.dev/go"
)

var (
	ctx    = context.Background()
	client *stateset.Client
	ada    string
	once   sync.Once
)

// A client, and a customer to sell to.
func prepared(t *testing.T) {
	once.Do(func() {
		client = home.client()
		ada = must(client.Customers.Create(ctx, stateset.NewCustomer{Email: "ada@example.com"}))(t).ID
	})
}

func product(t *testing.T, sku string, stock stateset.Decimal) {
	t.Helper()
	prepared(t)
	must(client.Products.Create(ctx, stateset.NewProduct{Name: sku, SKU: sku, Price: "49.99", Currency: "USD"}))(t)
	if stock != "" {
		must(client.Inventory.Items.Receive(ctx, sku, stateset.ReceiveStock{Quantity: stock}))(t)
	}
}

func orderOf(sku string, quantity int64) stateset.PlaceOrder {
	return stateset.PlaceOrder{CustomerID: ada, Items: []stateset.NewOrderItem{{SKU: sku, Quantity: quantity}}}
}

func pay(order *stateset.Order, token string) stateset.PayOrder {
	return stateset.PayOrder{OrderID: order.ID,
		Method: stateset.PaymentMethodInput{Type: stateset.PaymentMethodTypeCard, Token: token}}
}

func refused(t *testing.T, err error, status int, code stateset.ErrorCode) *stateset.APIError {
	t.Helper()
	var refusal *stateset.APIError
	if !errors.As(err, &refusal) || refusal.Status != status || !stateset.IsCode(err, code) {
		t.Fatalf("not refused with %d %s: %v", status, code, err)
	}
	return refusal
}

func TestTheMainJobFromAProductToADeliveryAndAReturn(t *testing.T) {
	product(t, "MUG", "15")
	order := must(client.Orders.Create(ctx, orderOf("MUG", 2)))(t)
	equal(t, order.Total, "99.98")
	if time.Since(order.CreatedAt) > time.Minute {
		t.Fatal(order.CreatedAt)
	}
	equal(t, must(client.Orders.Process(ctx, order.ID, nil))(t).FulfillmentStatus, stateset.OrderFulfillmentStatusReserved)
	var response stateset.Response
	payment := must(client.Payments.Create(ctx, pay(order, "tok_ok"), stateset.WithResponse(&response)))(t)
	equal(t, payment.Status, stateset.PaymentStatusCaptured)
	equal(t, response.Accepted(), false)
	shipment := must(client.Shipments.Create(ctx, stateset.NewShipment{OrderID: order.ID, Carrier: "sandbox"}))(t)
	equal(t, must(client.Shipments.Ship(ctx, shipment.ID, nil))(t).Status, stateset.ShipmentStatusShipped)
	delivered := must(client.Shipments.Deliver(ctx, shipment.ID, &stateset.MoveShipment{Reason: "Left with a neighbour"}))(t)
	equal(t, delivered.Status, stateset.ShipmentStatusDelivered)
	order = must(client.Orders.Get(ctx, order.ID, &stateset.OrdersGetQuery{Expand: []string{"customer", "items"}}))(t)
	equal(t, order.Customer.Email, "ada@example.com")

	line := must(client.Orders.Items.List(ctx, order.ID))(t)[0]
	rma := must(client.Returns.Create(ctx, stateset.RequestReturn{OrderID: order.ID,
		Items: []stateset.NewReturnItem{{OrderItemID: line.ID, Quantity: 1, Reason: "Chipped"}}}))(t)
	must(client.Returns.Approve(ctx, rma.ID, nil))(t)
	must(client.Returns.Receive(ctx, rma.ID, nil))(t)
	must(client.Returns.Inspect(ctx, rma.ID, nil))(t)
	completed := must(client.Returns.Complete(ctx, rma.ID, nil))(t)
	equal(t, completed.Status, stateset.ReturnStatusCompleted)
	equal(t, completed.RefundAmount, "49.99")
	equal(t, must(client.Inventory.Items.Get(ctx, "MUG"))(t).Balances[0].OnHand, "14")

	types := map[string]bool{}
	timeline := client.Orders.Timeline(ctx, order.ID, nil)
	for timeline.Next() {
		types[timeline.Value().Type] = true
	}
	equal(t, timeline.Err() == nil, true)
	for _, one := range []string{"order.created", "order.paid", "order.delivered", "return.completed"} {
		equal(t, types[one], true)
	}
	label := must(client.Shipments.GetLabel(ctx, shipment.ID))(t)
	equal(t, bytes.HasPrefix(label, []byte("%PDF")), true)
}

func TestAnOutcomeThatIsNotKnownYetIsTold(t *testing.T) {
	product(t, "SLOW", "1")
	var response stateset.Response
	order := must(client.Orders.Create(ctx, orderOf("SLOW", 1)))(t)
	payment := must(client.Payments.Create(ctx, pay(order, "tok_timeout"), stateset.WithResponse(&response)))(t)
	equal(t, payment.Status, stateset.PaymentStatusProcessing)
	equal(t, response.Accepted(), true)
}

func TestTheSameRequestAtTheSameTimeWaitsForItsOwnAnswer(t *testing.T) {
	product(t, "TWICE", "1")
	order := must(client.Orders.Create(ctx, orderOf("TWICE", 1)))(t)
	var responses [2]stateset.Response
	var payments [2]*stateset.Payment
	var errs [2]error
	var both sync.WaitGroup
	for at := range responses {
		both.Add(1)
		go func(at int) {
			defer both.Done()
			payments[at], errs[at] = client.Payments.Create(ctx, pay(order, "tok_timeout"),
				stateset.IdempotencyKey("once"), stateset.WithResponse(&responses[at]))
		}(at)
	}
	both.Wait()
	equal(t, must(payments[0], errs[0])(t).ID, must(payments[1], errs[1])(t).ID)
	equal(t, responses[0].Attempts+responses[1].Attempts > 2, true)
}

func TestADryRunAnswersTheSameAndStoresNothing(t *testing.T) {
	prepared(t)
	var response stateset.Response
	tried := must(client.Customers.Create(ctx, stateset.NewCustomer{Email: "dry@example.com"},
		stateset.DryRun(), stateset.WithResponse(&response)))(t)
	equal(t, tried.Email, "dry@example.com")
	equal(t, response.DryRun(), true)
	found := must(client.Customers.List(ctx, &stateset.CustomersListQuery{Email: "dry@example.com"}).NextPage())(t)
	equal(t, len(found.Data), 0)
}

func TestEveryFaultOfABadRequestIsToldByItsPointer(t *testing.T) {
	prepared(t)
	_, err := client.Products.Create(ctx, stateset.NewProduct{SKU: "BAD", Price: "1", Currency: "US"})
	refusal := refused(t, err, 400, stateset.CodeInvalid)
	equal(t, len(refusal.Faults), 2)
	if refusal.Fault("/name") == nil || refusal.Fault("/currency") == nil || refusal.RequestID == "" {
		t.Fatalf("%+v", refusal)
	}
}

func TestShortStockSaysSo(t *testing.T) {
	product(t, "RARE", "1")
	order := must(client.Orders.Create(ctx, orderOf("RARE", 2)))(t)
	_, err := client.Orders.Process(ctx, order.ID, nil)
	refused(t, err, 409, stateset.CodeInsufficientStock)
}

func TestADeclineIsARefusalThatNamesThePaymentItLeft(t *testing.T) {
	product(t, "DECLINED", "1")
	order := must(client.Orders.Create(ctx, orderOf("DECLINED", 1)))(t)
	_, err := client.Payments.Create(ctx, pay(order, "tok_declined"))
	refusal := refused(t, err, 402, stateset.CodePaymentDeclined)
	id := refusal.Instance[strings.LastIndex(refusal.Instance, "/")+1:]
	equal(t, must(client.Payments.Get(ctx, id))(t).Status, stateset.PaymentStatusFailed)
}

func TestWrongCredentialsAndUnknownThingsAreToldApart(t *testing.T) {
	prepared(t)
	stranger := stateset.New(stateset.Config{BaseURL: home.url, APIKey: "sk_live_nobody"})
	_, err := stranger.Orders.List(ctx, nil).NextPage()
	refused(t, err, 401, stateset.CodeUnauthenticated)
	_, err = client.Orders.Get(ctx, "0198c9f2-6b7a-7c31-9d0e-3f5a8b1c2d4e", nil)
	refused(t, err, 404, stateset.CodeNotFound)
}

func TestAnUpdateClearsAndAStaleVersionIsRefused(t *testing.T) {
	prepared(t)
	var response stateset.Response
	customer := must(client.Customers.Create(ctx, stateset.NewCustomer{Email: "stale@example.com", Phone: "+441234"},
		stateset.WithResponse(&response)))(t)
	equal(t, response.ETag(), fmt.Sprintf(`"%d"`, customer.Version))
	only := stateset.IfMatch(customer.Version)
	changes := stateset.CustomerChanges{Phone: stateset.Clear[string](), FirstName: stateset.Set("Eve")}
	changed := must(client.Customers.Update(ctx, customer.ID, changes, only))(t)
	equal(t, changed.Phone == nil, true)
	equal(t, *changed.FirstName, "Eve")
	equal(t, changed.Email, customer.Email)
	_, err := client.Customers.Update(ctx, customer.ID, changes, only)
	refused(t, err, 412, stateset.CodePreconditionFailed)
}

func TestAListOf250IsWalkedPageByPageEachThingOnce(t *testing.T) {
	prepared(t)
	var threads sync.WaitGroup
	for thread := 0; thread < 10; thread++ {
		threads.Add(1)
		go func(from int) {
			defer threads.Done()
			for number := from; number < from+25; number++ {
				if _, err := client.Customers.Create(ctx, stateset.NewCustomer{
					Email:      fmt.Sprintf("page-%d@example.com", number),
					ExternalID: fmt.Sprintf("page-%d", number),
				}); err != nil {
					t.Error(err)
				}
			}
		}(25 * thread)
	}
	threads.Wait()
	query := &stateset.CustomersListQuery{Q: "page-", Limit: 100}
	seen := map[string]bool{}
	walked := 0
	client.Customers.List(ctx, query).All()(func(customer stateset.CustomerSummary, err error) bool {
		equal(t, err == nil, true)
		seen[customer.ID] = true
		walked++
		return true
	})
	equal(t, walked, 250)
	equal(t, len(seen), 250)
	pages := client.Customers.List(ctx, query)
	for _, size := range []int{100, 100, 50} {
		equal(t, len(must(pages.NextPage())(t).Data), size)
	}
	equal(t, must(pages.NextPage())(t) == nil, true)
	equal(t, len(must(client.Customers.List(ctx, &stateset.CustomersListQuery{Q: "page-", Limit: 7}).Take(20))(t)), 20)
}

func TestThroughANetworkThatFails(t *testing.T) {
	product(t, "ONCE", "100")
	p := before(t, home)
	through := func(retries int, most time.Duration) *stateset.Client {
		return stateset.New(stateset.Config{BaseURL: p.url, APIKey: home.key, MaxRetries: retries, MaxDelay: most})
	}
	orders := func(t *testing.T) []stateset.OrderSummary {
		return must(client.Orders.List(ctx, &stateset.OrdersListQuery{SKU: "ONCE", Limit: 100}).Take(100))(t)
	}

	t.Run("an answer that was lost is asked for again, and there is one order", func(t *testing.T) {
		var response stateset.Response
		p.will(drop, drop)
		order := must(through(5, 0).Orders.Create(ctx, orderOf("ONCE", 1), stateset.WithResponse(&response)))(t)
		all := orders(t)
		equal(t, len(all), 1)
		equal(t, all[0].ID, order.ID)
		equal(t, response.Replayed(), true)
		equal(t, response.Attempts >= 2, true)
	})

	t.Run("503 is tried again after Retry-After", func(t *testing.T) {
		var response stateset.Response
		already := len(orders(t))
		p.will(busy)
		began := time.Now()
		must(through(5, 0).Orders.Create(ctx, orderOf("ONCE", 1), stateset.WithResponse(&response)))(t)
		equal(t, time.Since(began) >= time.Second, true)
		equal(t, response.Attempts, 2)
		equal(t, len(orders(t)), already+1)
	})

	t.Run("it ends after so many attempts", func(t *testing.T) {
		var lost *stateset.ConnectionError
		p.will(drop, drop, drop, drop, drop, drop, drop, drop)
		_, err := through(2, 0).Orders.Create(ctx, orderOf("ONCE", 1))
		p.will()
		equal(t, errors.As(err, &lost), true)
		equal(t, regexp.MustCompile("^[0-9a-f-]{36}$").MatchString(lost.IdempotencyKey), true)
	})

	t.Run("it ends where the server asks for too much patience", func(t *testing.T) {
		p.will(busy)
		_, err := through(5, 500*time.Millisecond).Orders.Create(ctx, orderOf("ONCE", 1))
		refused(t, err, 503, "unknown")
	})

	t.Run("a login, which takes no key, is not repeated when its answer was lost", func(t *testing.T) {
		p.will(drop)
		sent := p.count()
		_, err := stateset.New(stateset.Config{BaseURL: p.url}).Auth.Login(ctx, stateset.Login{Email: "a@example.com", Password: "wrong"})
		var lost *stateset.ConnectionError
		equal(t, errors.As(err, &lost), true)
		equal(t, p.count(), sent+1)
	})

	t.Run("the caller can stop it", func(t *testing.T) {
		p.will(busy)
		soon, cancel := context.WithTimeout(ctx, 100*time.Millisecond)
		defer cancel()
		_, err := through(5, 0).Orders.Get(soon, "x", nil)
		equal(t, errors.Is(err, context.DeadlineExceeded), true)
	})

	t.Run("the event stream goes on where it was cut, without a gap and without an event twice", func(t *testing.T) {
		var last string
		for log := client.Events.List(ctx, &stateset.EventsListQuery{Limit: 100}); log.Next(); {
			last = log.Value().Position
		}
		events := through(5, 0).Events.Stream(ctx, &stateset.EventsStreamQuery{After: last, Types: "customer.created"})
		var made, seen []string
		for round := 0; round < 3; round++ {
			for _, cut := range []bool{false, true} {
				if cut {
					p.cut()
				}
				email := fmt.Sprintf("stream-%d@example.com", len(made))
				made = append(made, must(client.Customers.Create(ctx, stateset.NewCustomer{Email: email}))(t).ID)
				if !events.Next() {
					t.Fatal(events.Err())
				}
				seen = append(seen, events.Value().AggregateID)
			}
		}
		equal(t, strings.Join(seen, " "), strings.Join(made, " "))
		time.AfterFunc(50*time.Millisecond, events.Close)
		equal(t, events.Next(), false)
		equal(t, events.Err() == nil, true)
	})
}
