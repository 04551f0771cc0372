package main

import (
	"context"
	"fmt"
	"log"

	stateset "stateset.dev/go"
)

func main() {
	ctx := context.Background()
	client := stateset.New(stateset.Config{}) // STATESET_URL says where, STATESET_KEY is the API key

	customer := must(client.Customers.Create(ctx, stateset.NewCustomer{Email: "ada@example.com"}))
	mug := stateset.NewProduct{Name: "A mug", SKU: "MUG", Price: "49.99", Currency: "USD"}
	must(client.Products.Create(ctx, mug))
	must(client.Inventory.Items.Receive(ctx, "MUG", stateset.ReceiveStock{Quantity: "15"}))

	order := must(client.Orders.Create(ctx, stateset.PlaceOrder{
		CustomerID: customer.ID,
		Items:      []stateset.NewOrderItem{{SKU: "MUG", Quantity: 2}},
	}))
	fmt.Println(order.OrderNumber, "costs", order.Total, order.Currency)

	must(client.Orders.Process(ctx, order.ID, nil)) // sets the stock aside
	card := stateset.PaymentMethodInput{Type: stateset.PaymentMethodTypeCard, Token: "tok_ok"}
	must(client.Payments.Create(ctx, stateset.PayOrder{OrderID: order.ID, Method: card}))
	shipment := must(client.Shipments.Create(ctx, stateset.NewShipment{OrderID: order.ID}))
	must(client.Shipments.Ship(ctx, shipment.ID, nil))
	must(client.Shipments.Deliver(ctx, shipment.ID, nil))

	fmt.Println("and is", must(client.Orders.Get(ctx, order.ID, nil)).Status)
}

func must[T any](answer T, err error) T {
	if err != nil {
		log.Fatal(err)
	}
	return answer
}
