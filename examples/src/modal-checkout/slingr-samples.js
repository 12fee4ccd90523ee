// biome-ignore-all lint: code as it was written for Slingr runs as it stands.
// biome-ignore-all format: for the same reason.

// The two samples of Slingr's Stripe UI plugin. Only the last line of each callback is this shop's own.

function sampleCollectPaymentInformation(setupIntent, shop) {
  var publicKey = app.endpoints.stripe._configuration.publishableKey;

  sys.ui.sendMessage({
    scope: 'plugin:stripe',
    name: 'collectPaymentInformation',
    data: {
       publicKey: publicKey,
       title: 'Card Information',
       dataSecret: setupIntent,
       elementType: 'card',
       elementOptions: null
    },
    callbacks: {
      onSuccess: function(originalMessage, callbackData) {
        sys.logs.debug("Here is the original message for onSuccess", originalMessage);
        sys.logs.debug("Here is the callback data for onSuccess", callbackData);
        shop.onSuccess(callbackData);
      },
      onFail: function(originalMessage, callbackData) {
        sys.logs.debug("Here is the original message for onFail", originalMessage);
        sys.logs.debug("Here is the callback data for onFail", callbackData);
        shop.onFail(callbackData);
      }
    }
  });
}

function sampleHandleCardAction(clientSecret, shop) {
  var publicKey = app.endpoints.stripe._configuration.publishableKey;

  sys.ui.sendMessage({
    scope: 'plugin:stripe',
    name: 'handleCardAction',
    data: {
       publicKey: publicKey,
       clientSecret: clientSecret
    },
    callbacks: {
      cardActionCallback: function(originalMessage, callbackData) {
        sys.logs.debug("Here is the original message for cardActionCallback", originalMessage);
        sys.logs.debug("Here is the callback data for cardActionCallback", callbackData);
        shop.cardActionCallback(callbackData);
      }
    }
  });
}
